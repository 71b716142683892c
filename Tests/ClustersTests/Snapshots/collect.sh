#!/bin/bash
# Submit it again: sbatch '/home/me/road 100%/out/collect.sh'
#SBATCH --job-name=road.collect
#SBATCH --chdir="/home/me/road 100%"
#SBATCH --output="/home/me/road 100%%/out/collect.log"
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --partition=gpu
#SBATCH --time=30

# A requirement that is not met (3) is no failure of the job.
/opt/pare/bin/pare run out/point.json --frozen || [ $? = 3 ]
